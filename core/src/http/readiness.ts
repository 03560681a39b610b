import type { Kernel } from '../kernel.js';

/** What the serving process knows of itself beside its kernel. */
export interface ServingStatus {
  /** Why there is no kernel yet, in one sentence; undefined once there is one. */
  readonly waitingFor: string | undefined;
  /** What is wrong with the database although the kernel may not notice, in one sentence. */
  readonly trouble: string | undefined;
  /** What an operator should know although the process serves: a failed replacement, for example. */
  readonly notices: readonly string[];
}

export interface Readiness {
  readonly isReady: boolean;
  readonly isDatabaseThere: boolean;
  /** Why it is not ready; empty when it is. */
  readonly reasons: readonly string[];
  readonly notices: readonly string[];
}

/** Longer than any healthy database takes, shorter than a load balancer waits. */
const PING_MS = 2_000;
/** Probes and people may come often; the database is asked at most this often. */
const FRESH_MS = 250;

async function isAnswering(kernel: Kernel): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PING_MS);
  });
  // A ping that rejects after it lost the race has nobody to tell.
  const answer = Promise.resolve(kernel.database.ping()).then(
    (said) => (said as unknown) !== false,
    () => false,
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Answers whether this process should get requests. Concurrent questions share one ping. */
export function readinessProbe(o: {
  readonly kernel: () => Kernel | undefined;
  readonly status: () => ServingStatus;
  readonly draining: () => boolean;
}): () => Promise<Readiness> {
  let asked: { kernel: Kernel; at: number; answer: Promise<boolean> } | undefined;
  const ping = (kernel: Kernel): Promise<boolean> => {
    if (asked === undefined || asked.kernel !== kernel || performance.now() - asked.at > FRESH_MS) {
      asked = { kernel, at: performance.now(), answer: isAnswering(kernel) };
    }
    return asked.answer;
  };
  return async () => {
    const kernel = o.kernel();
    const { waitingFor, trouble, notices } = o.status();
    const isDatabaseThere = kernel !== undefined && trouble === undefined && (await ping(kernel));
    const reasons: string[] = [];
    if (o.draining()) reasons.push('This process is draining.');
    if (kernel === undefined) reasons.push(waitingFor ?? 'This process is starting.');
    else if (!isDatabaseThere) reasons.push(trouble ?? 'The database does not answer.');
    return { isReady: reasons.length === 0, isDatabaseThere, reasons, notices };
  };
}
