import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A server's answer: its code and its lines without the code, joined with newlines. */
export interface SmtpReply {
  readonly code: number;
  readonly text: string;
}

export interface SmtpRecipientReply extends SmtpReply {
  readonly address: string;
}

export interface SendMailOptions {
  readonly port: number;
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  /** Envelope sender, sent as UTF-8 exactly as given; empty for a bounce. Also the From header. */
  readonly from: string;
  readonly to: string | readonly string[];
  readonly subject?: string;
  readonly text?: string;
  /** Further header lines by name; they replace From, To, Subject, Date and Message-ID of the same name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The whole message (headers, blank line, body) instead of `subject`, `text` and `headers`. */
  readonly raw?: string;
  readonly auth?: { readonly user: string; readonly password: string };
  readonly helo?: string;
  readonly starttls?: boolean;
  /**
   * Whether MAIL FROM carries SMTPUTF8: `auto` (the default) when an address has a character outside ASCII and the
   * server announces the extension, as a modern client does; `never` sends raw UTF-8 addresses like an old one.
   */
  readonly smtpUtf8?: 'auto' | 'always' | 'never';
  /** Bytes to announce in MAIL FROM's SIZE parameter; none is sent unless given. */
  readonly size?: number;
  /** Milliseconds to wait for each answer; 30 000 unless given (recipient verification takes seconds). */
  readonly timeoutMs?: number;
}

export interface SendMailResult {
  /** Extensions the server announced, as sent, in upper case. */
  readonly extensions: readonly string[];
  /** The answer to AUTH, when authentication was asked for. A refusal ends the dialogue. */
  readonly auth?: SmtpReply;
  readonly mailFrom?: SmtpReply;
  readonly accepted: readonly SmtpRecipientReply[];
  readonly rejected: readonly SmtpRecipientReply[];
  /** The answer to the message itself; undefined when no recipient was accepted. */
  readonly data?: SmtpReply;
  /** Whether the server took responsibility for the message for at least one recipient. */
  readonly sent: boolean;
  /** Postfix's queue id, when the final answer names one. */
  readonly queueId?: string;
}

/** Reads replies and writes commands, one at a time, over a socket that STARTTLS may replace. */
class Dialogue {
  #socket: Socket;
  #pending = '';
  #lines: string[] = [];
  #ready: SmtpReply[] = [];
  #waiting: ((outcome: SmtpReply | Error) => void) | undefined;
  #failure: Error | undefined;
  readonly #timeoutMs: number;

  constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    this.#listen(socket);
  }

  #listen(socket: Socket): void {
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => this.#onData(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  #onData(chunk: string): void {
    this.#pending += chunk;
    for (let end = this.#pending.indexOf('\n'); end !== -1; end = this.#pending.indexOf('\n')) {
      const line = this.#pending.slice(0, end).replace(/\r$/, '');
      this.#pending = this.#pending.slice(end + 1);
      this.#lines.push(line.slice(4));
      if (line[3] === '-') continue;
      const reply = { code: Number(line.slice(0, 3)), text: this.#lines.join('\n') };
      this.#lines = [];
      if (this.#waiting) this.#waiting(reply);
      else this.#ready.push(reply);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.(this.#failure);
  }

  reply(): Promise<SmtpReply> {
    const ready = this.#ready.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const settle = (outcome: SmtpReply | Error): void => {
        clearTimeout(timer);
        this.#waiting = undefined;
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      const timer = setTimeout(() => settle(new Error(`no SMTP answer within ${this.#timeoutMs} ms`)), this.#timeoutMs);
      this.#waiting = settle;
    });
  }

  command(line: string): Promise<SmtpReply> {
    this.#socket.write(`${line}\r\n`);
    return this.reply();
  }

  async startTls(): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners('data');
    plain.removeAllListeners('close');
    const secure = connectTls({ socket: plain, rejectUnauthorized: false });
    await new Promise<void>((resolve, reject) => {
      secure.once('secureConnect', resolve);
      secure.once('error', reject);
    });
    this.#socket = secure;
    this.#listen(secure);
  }

  close(): void {
    this.#socket.destroy();
  }
}

let counter = 0;

/** Headers, blank line and body of a plain text message, CRLF line ends. */
function composeMessage(options: SendMailOptions, recipients: readonly string[]): string {
  counter += 1;
  const headers: Record<string, string> = {
    From: `<${options.from}>`,
    To: recipients.map((address) => `<${address}>`).join(', '),
    Subject: options.subject ?? '',
    Date: new Date().toUTCString().replace('GMT', '+0000'),
    'Message-ID': `<${process.pid}.${Date.now()}.${counter}@client.test>`,
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Transfer-Encoding': '8bit',
    ...options.headers,
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${head.join('')}\r\n${options.text ?? ''}`;
}

/** Normalises line ends, doubles leading dots and adds the final dot. */
function dotStuffed(message: string): string {
  const lines = message
    .replace(/\r\n|\r|\n/g, '\n')
    .replace(/\n$/, '')
    .split('\n');
  return `${lines.map((line) => (line.startsWith('.') ? `.${line}` : line)).join('\r\n')}\r\n.`;
}

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

/**
 * Sends one message over plain SMTP (or STARTTLS) and reports each answer. A refusal is a result, not an error; only
 * a broken connection or a missing answer throws. Addresses go out as they are, so that odd ones can be tried.
 */
export async function sendMail(options: SendMailOptions): Promise<SendMailResult> {
  const recipients = typeof options.to === 'string' ? [options.to] : options.to;
  const socket = connect({ host: options.host ?? '127.0.0.1', port: options.port });
  const smtp = new Dialogue(socket, options.timeoutMs ?? 30_000);
  const accepted: SmtpRecipientReply[] = [];
  const rejected: SmtpRecipientReply[] = [];
  let extensions: string[] = [];
  let auth: SmtpReply | undefined;
  let mailFrom: SmtpReply | undefined;
  let data: SmtpReply | undefined;

  const greet = async (): Promise<void> => {
    const reply = await smtp.command(`EHLO ${options.helo ?? 'client.test'}`);
    if (reply.code !== 250) throw new Error(`EHLO refused: ${reply.code} ${reply.text}`);
    extensions = reply.text
      .split('\n')
      .slice(1)
      .map((line) => line.toUpperCase());
  };
  const result = (): SendMailResult => {
    const queueId = /queued as (\S+)/.exec(data?.text ?? '')?.[1];
    return {
      extensions,
      ...(auth === undefined ? {} : { auth }),
      ...(mailFrom === undefined ? {} : { mailFrom }),
      accepted,
      rejected,
      ...(data === undefined ? {} : { data }),
      sent: data !== undefined && data.code < 300,
      ...(queueId === undefined ? {} : { queueId }),
    };
  };

  try {
    const greeting = await smtp.reply();
    if (greeting.code !== 220) throw new Error(`the server refused to talk: ${greeting.code} ${greeting.text}`);
    await greet();
    if (options.starttls === true) {
      const reply = await smtp.command('STARTTLS');
      if (reply.code !== 220) throw new Error(`STARTTLS refused: ${reply.code} ${reply.text}`);
      await smtp.startTls();
      await greet();
    }
    if (options.auth !== undefined) {
      const { user, password } = options.auth;
      auth = await smtp.command(`AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`, 'utf8').toString('base64')}`);
      if (auth.code !== 235) return result();
    }
    const mode = options.smtpUtf8 ?? 'auto';
    const wanted = extensions.includes('SMTPUTF8') && ![options.from, ...recipients].every(isAscii);
    const utf8 = mode === 'always' || (mode === 'auto' && wanted);
    const parameters = `${utf8 ? ' SMTPUTF8' : ''}${options.size === undefined ? '' : ` SIZE=${options.size}`}`;
    mailFrom = await smtp.command(`MAIL FROM:<${options.from}>${parameters}`);
    if (mailFrom.code >= 300) return result();
    for (const address of recipients) {
      const reply = { address, ...(await smtp.command(`RCPT TO:<${address}>`)) };
      (reply.code < 300 ? accepted : rejected).push(reply);
    }
    if (accepted.length > 0) {
      const go = await smtp.command('DATA');
      data = go.code === 354 ? await smtp.command(dotStuffed(options.raw ?? composeMessage(options, recipients))) : go;
    }
    await smtp.command('QUIT').catch(() => undefined);
    return result();
  } finally {
    smtp.close();
  }
}
