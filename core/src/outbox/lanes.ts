/** An event that this process holds. */
export interface Laned {
  /** The order of its subject's events, across processes. */
  readonly id: number;
  readonly subject: string;
}

interface Place<E> {
  readonly event: E;
  /** Its turn was given up, because another came first: whoever ends that one goes on with it. */
  isPassed: boolean;
}

interface Lane<E> {
  readonly subject: string;
  /** By id. */
  readonly places: Place<E>[];
  isRunning: boolean;
  /** The earliest event of the subject that another process holds: later ones wait for it. */
  foreign: number | undefined;
}

/**
 * One lane per subject: of its events one at a time is with its listeners, and none before an earlier one. Nobody waits
 * here: an event whose turn it is not is left to whoever ends the one before it. So a listener may raise an event about
 * the very subject that it hears of.
 */
export class Lanes<E extends Laned> {
  readonly #lanes = new Map<string, Lane<E>>();
  #size = 0;
  #isStopped = false;

  /** `deliver` never throws. `isValid` is asked before: an event whose lease may be over waits until it is made anew. */
  constructor(
    private readonly o: { readonly deliver: (event: E) => Promise<void>; readonly isValid: (event: E) => boolean },
  ) {}

  /** How many events wait or are with their listeners. */
  get size(): number {
    return this.#size;
  }

  *events(): Generator<E> {
    for (const lane of this.#lanes.values()) for (const { event } of lane.places) yield event;
  }

  /** Subjects that wait for another process. */
  get blocked(): readonly string[] {
    return [...this.#lanes].filter(([, lane]) => lane.foreign !== undefined).map(([subject]) => subject);
  }

  add(event: E): void {
    let lane = this.#lanes.get(event.subject);
    if (lane === undefined) {
      lane = { subject: event.subject, places: [], isRunning: false, foreign: undefined };
      this.#lanes.set(event.subject, lane);
    }
    const before = lane.places.findLastIndex((place) => place.event.id < event.id);
    lane.places.splice(before + 1, 0, { event, isPassed: false });
    this.#size += 1;
  }

  /** Takes an event out that was not committed after all. */
  remove(event: E): void {
    const lane = this.#lanes.get(event.subject);
    const at = lane?.places.findIndex((place) => place.event === event) ?? -1;
    if (lane === undefined || at < 0) return;
    lane.places.splice(at, 1);
    this.#size -= 1;
    if (lane.places.length === 0) this.#lanes.delete(event.subject);
    else void this.#run(lane);
  }

  /** Another process has taken this event over: those behind it wait for that one. */
  lose(event: E): void {
    const lane = this.#lanes.get(event.subject);
    // with its listeners already: too late
    if (lane === undefined || (lane.isRunning && lane.places[0]?.event === event)) return;
    lane.foreign = Math.min(event.id, lane.foreign ?? event.id);
    this.remove(event);
  }

  /** Begins nothing more. Returns the events whose listeners were not called. */
  stop(): readonly E[] {
    this.#isStopped = true;
    return [...this.#lanes.values()].flatMap((lane) =>
      lane.places.slice(lane.isRunning ? 1 : 0).map(({ event }) => event),
    );
  }

  /** From here on events of the subject behind `id` wait for another process; with undefined they do not any more. */
  block(subject: string, id: number | undefined): void {
    const lane = this.#lanes.get(subject);
    if (lane === undefined) return;
    lane.foreign = id;
    void this.#run(lane);
  }

  /** Gives these events their turn, in this order; returns when those that had one have been delivered. */
  async run(events: readonly E[]): Promise<void> {
    for (const event of events) {
      const lane = this.#lanes.get(event.subject);
      const place = lane?.places.find((one) => one.event === event);
      if (lane === undefined || place === undefined) continue;
      place.isPassed = true;
      await this.#run(lane);
    }
  }

  async #run(lane: Lane<E>): Promise<void> {
    if (lane.isRunning) return;
    lane.isRunning = true;
    for (;;) {
      const [first] = lane.places;
      if (first === undefined || !first.isPassed || this.#isStopped) break;
      const { event } = first;
      if (lane.foreign !== undefined && lane.foreign < event.id) break;
      if (!this.o.isValid(event)) {
        lane.foreign = event.id - 1;
        break;
      }
      await this.o.deliver(event);
      lane.places.splice(lane.places.indexOf(first), 1);
      this.#size -= 1;
    }
    lane.isRunning = false;
    if (lane.places.length === 0) this.#lanes.delete(lane.subject);
  }
}
