import argon2 from 'argon2';

/** One computation of Argon2, with costs that have been checked. Structured clone carries it to another process. */
export interface ArgonRequest {
  readonly password: string;
  readonly variant: 'argon2i' | 'argon2id';
  readonly version: 16 | 19;
  readonly memoryKiB: number;
  readonly timeCost: number;
  readonly parallelism: number;
  readonly salt: Uint8Array;
  /** Length of the tag in bytes. */
  readonly length: number;
}

/** The tag, computed on this process's libuv pool. Rejects when the native code fails (out of memory). */
export const computeArgon = (request: ArgonRequest): Promise<Buffer> =>
  argon2.hash(request.password, {
    raw: true,
    type: request.variant === 'argon2i' ? argon2.argon2i : argon2.argon2id,
    version: request.version,
    memoryCost: request.memoryKiB,
    timeCost: request.timeCost,
    parallelism: request.parallelism,
    salt: Buffer.from(request.salt),
    hashLength: request.length,
  });
