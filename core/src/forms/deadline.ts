import { arm, type Deadline, disarm, LateAnswer } from '../hooks/deadline-wheel.js';

/** The work's answer, or an error when it has not come in time. The work itself cannot be stopped. */
export function within<T>(ms: number, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const entry: Deadline = {
      bucket: -1,
      turns: 0,
      expire: () => reject(new LateAnswer(ms)),
    };
    arm(entry, ms);
    const end =
      <A>(settle: (a: A) => void) =>
      (a: A) => {
        disarm(entry);
        settle(a);
      };
    // begun at once, while the frame is still entered; a work that throws before its first await ends here as well
    (async () => work())().then(end(resolve), end(reject));
  });
}
