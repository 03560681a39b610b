import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '@posthorn/testkit/servers';

/** A way to a server on this machine that fails as a network can. */
export interface Line extends AsyncDisposable {
  readonly port: number;
  /** Every connection breaks, and none can be made. */
  cut(): void;
  mend(): Promise<void>;
  /** Nothing is said and nothing gets through, as behind a filter that drops packets; connections stay, new ones too. */
  freeze(): void;
  /** What was held back arrives. */
  thaw(): void;
  /** The connections there are carry nothing any more, and nobody is told; new ones do. */
  forget(): void;
}

export async function lineTo(to: number): Promise<Line> {
  const port = await freePort();
  const open = new Set<Socket>();
  let server: Server | undefined;
  let isFrozen = false;
  const forward = (from: Socket, onward: Socket): void => {
    open.add(from);
    from.on('data', (chunk) => onward.write(chunk));
    if (isFrozen) from.pause();
    from.on('error', () => onward.destroy());
    from.once('close', () => {
      open.delete(from);
      onward.destroy();
    });
  };
  const mend = async (): Promise<void> => {
    const made = createServer((near) => {
      const far = connect(to, '127.0.0.1');
      forward(near, far);
      forward(far, near);
    });
    server = made;
    await new Promise<void>((resolve) => made.listen(port, '127.0.0.1', resolve));
  };
  const cut = (): void => {
    server?.close();
    for (const socket of open) socket.destroy();
  };
  await mend();
  return {
    port,
    cut,
    mend,
    freeze() {
      isFrozen = true;
      for (const socket of open) socket.pause();
    },
    thaw() {
      isFrozen = false;
      for (const socket of open) socket.resume();
    },
    forget() {
      for (const socket of open) socket.removeAllListeners('data').resume();
    },
    [Symbol.asyncDispose]: async () => cut(),
  };
}
