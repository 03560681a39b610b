import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { until } from './wait.js';

/** Takes datagrams as the daemon of syslog does and prints each as a line of hexadecimal digits. */
const RECEIVER = `use IO::Socket::UNIX; use Socket; $| = 1; unlink $ARGV[0];
my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die $!;
while (defined($socket->recv(my $message, 65536))) { print unpack("H*", $message), "\\n"; }`;

/** Something that listens where /dev/log would be. */
export interface SyslogReceiver {
  /** What came, each datagram as it was. */
  readonly messages: readonly string[];
  stop(): Promise<void>;
}

export async function startSyslogReceiver(socket: string): Promise<SyslogReceiver> {
  const child: ChildProcess = spawn('perl', ['-e', RECEIVER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  const messages: string[] = [];
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => messages.push(Buffer.from(line, 'hex').toString()));
  }
  await until('the receiver of syslog', 10, () => existsSync(socket));
  return {
    messages,
    stop: () =>
      new Promise((resolve) => {
        child.once('close', () => resolve());
        child.kill();
      }),
  };
}
