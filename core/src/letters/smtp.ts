import { createTransport } from 'nodemailer';
import type { ComposedLetter } from './compose.js';

/** The server that takes letters, as the parameters say it. */
export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  readonly encryption: 'none' | 'starttls' | 'tls';
  /** Whether its certificate must be one that this machine trusts. */
  readonly isVerified: boolean;
  /** Empty: without signing in. */
  readonly user: string;
  readonly password: string;
  /** What the envelope and `From` say. */
  readonly sender: string;
  readonly senderName: string;
  /** Empty: none. */
  readonly replyTo: string;
  /** What this machine calls itself. */
  readonly hostname: string;
}

export interface OutgoingLetter extends ComposedLetter {
  readonly to: string;
  /** Stays the same when the letter is tried again. */
  readonly id: string;
  readonly date: Date;
  readonly language: string;
}

/** Why a letter was not taken. */
export class SmtpFailure extends Error {
  constructor(
    /** What the server said, or why there was no answer. */
    message: string,
    /** The server does not want it (RFC 5321, 4.2.1: 5yz): it is not tried again. */
    readonly isFinal: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'SmtpFailure';
  }
}

const TIMEOUT_MS = 15_000;

interface SmtpError extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
}

/**
 * Hands one letter to the server and returns its answer. Throws `SmtpFailure`. What the server says of the recipient or
 * the content with 5yz is final; a refused sign-in or sender is the operator's to mend.
 */
export async function sendBySmtp(s: SmtpSettings, letter: OutgoingLetter): Promise<string> {
  const transport = createTransport({
    host: s.host,
    port: s.port,
    name: s.hostname,
    secure: s.encryption === 'tls',
    requireTLS: s.encryption === 'starttls',
    ignoreTLS: s.encryption === 'none',
    tls: { rejectUnauthorized: s.isVerified },
    ...(s.user === '' ? {} : { auth: { user: s.user, pass: s.password } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: 2 * TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const { response } = await transport.sendMail({
      from: { name: s.senderName, address: s.sender },
      to: { name: '', address: letter.to },
      envelope: { from: s.sender, to: [letter.to] },
      ...(s.replyTo === '' ? {} : { replyTo: { name: '', address: s.replyTo } }),
      subject: letter.subject,
      text: letter.text,
      html: letter.html,
      date: letter.date,
      messageId: `<${letter.id}@${s.sender.slice(s.sender.lastIndexOf('@') + 1)}>`,
      // RFC 3834, section 5; RFC 3282
      headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': letter.language },
    });
    return response;
  } catch (error) {
    throw failureOf(error as SmtpError);
  } finally {
    transport.close();
  }
}

function failureOf(error: SmtpError): SmtpFailure {
  const { responseCode = 0, command = '', response } = error;
  const reason = response ?? error.message;
  const step = command === '' || command === 'CONN' || command === 'API' ? '' : `${command}: `;
  const isFinal = responseCode >= 500 && ['RCPT TO', 'DATA'].includes(command);
  return new SmtpFailure(`${step}${reason}`.replace(/\s+/g, ' '), isFinal, { cause: error });
}
