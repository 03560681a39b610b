import { createServer, type Socket } from 'node:net';

/** One message that left the mail server for the outside. */
export interface SinkMessage {
  /** Envelope sender; empty for bounces. */
  readonly from: string;
  readonly to: readonly string[];
  /** Whether the client asked for SMTPUTF8. */
  readonly smtpUtf8: boolean;
  /** The message as transmitted, CRLF line ends, dots unstuffed. */
  readonly raw: string;
  readonly subject: string;
}

/** A loopback SMTP server that accepts everything and keeps it in memory. */
export interface Sink {
  readonly port: number;
  messages(): readonly SinkMessage[];
  clear(): void;
  stop(): Promise<void>;
}

const addressIn = (line: string): string => /<([^>]*)>/.exec(line)?.[1] ?? '';

/** The Subject header as written: folded lines joined, encoded words left alone. */
function subjectOf(raw: string): string {
  const head = raw.split('\r\n\r\n', 1)[0] ?? '';
  return /^subject:[ \t]*(.*(?:\r\n[ \t].*)*)/im.exec(head)?.[1]?.replace(/\r\n[ \t]+/g, ' ') ?? '';
}

/**
 * Starts the sink on `port`. It announces 8BITMIME and SMTPUTF8. `refuse` may return an SMTP reply (such as
 * `550 5.1.1 no such user`) for a recipient, to provoke bounces.
 */
export async function startSink(port: number, refuse?: (recipient: string) => string | undefined): Promise<Sink> {
  let messages: SinkMessage[] = [];
  const sockets = new Set<Socket>();

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let pending = '';
    let data: string[] | undefined;
    let from = '';
    let smtpUtf8 = false;
    let to: string[] = [];
    const reply = (text: string): void => {
      socket.write(`${text}\r\n`);
    };
    const reset = (): void => {
      from = '';
      smtpUtf8 = false;
      to = [];
    };
    const onLine = (line: string): void => {
      if (data !== undefined) {
        if (line !== '.') {
          data.push(line.startsWith('.') ? line.slice(1) : line);
          return;
        }
        const raw = `${data.join('\r\n')}\r\n`;
        messages = [...messages, { from, to, smtpUtf8, raw, subject: subjectOf(raw) }];
        data = undefined;
        reset();
        reply('250 2.0.0 kept');
        return;
      }
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO') reply('250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES');
      else if (verb === 'MAIL') {
        reset();
        from = addressIn(line);
        smtpUtf8 = /> .*\bSMTPUTF8\b/i.test(line);
        reply('250 2.1.0 ok');
      } else if (verb === 'RCPT') {
        const recipient = addressIn(line);
        const refusal = refuse?.(recipient);
        if (refusal === undefined) to.push(recipient);
        reply(refusal ?? '250 2.1.5 ok');
      } else if (verb === 'DATA') {
        data = [];
        reply('354 go on');
      } else if (verb === 'QUIT') {
        reply('221 2.0.0 bye');
        socket.end();
      } else {
        if (verb === 'RSET') reset();
        reply('250 2.0.0 ok');
      }
    };
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      pending += chunk;
      for (let end = pending.indexOf('\r\n'); end !== -1; end = pending.indexOf('\r\n')) {
        const line = pending.slice(0, end);
        pending = pending.slice(end + 2);
        onLine(line);
      }
    });
    reply('220 sink ESMTP');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port }, resolve);
  });
  server.unref();
  return {
    port,
    messages: () => messages,
    clear() {
      messages = [];
    },
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
