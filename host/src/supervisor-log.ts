/** The supervisor's log: the same JSON lines as the workers', without their library. */

const LEVELS = { debug: 20, info: 30, warn: 40, error: 50, silent: 100 } as const;
export type SupervisorLevel = Exclude<keyof typeof LEVELS, 'silent'>;

export class SupervisorLog {
  #threshold: number = LEVELS.info;

  setLevel(name: string): void {
    this.#threshold = Object.hasOwn(LEVELS, name) ? LEVELS[name as keyof typeof LEVELS] : LEVELS.info;
  }

  write(level: SupervisorLevel, fields: object, msg: string): void {
    if (LEVELS[level] < this.#threshold) return;
    const line = { level: LEVELS[level], time: Date.now(), process: 'supervisor', pid: process.pid, ...fields, msg };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}
