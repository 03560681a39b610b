/**
 * What this thread is doing, where another thread can read it while this one is stuck: a counter that rises as long as
 * the event loop turns, and the number of the frame whose synchronous code runs. Names are told when a number is given
 * out, before it is ever written. Plain stores: the reader looks many milliseconds later.
 */
const BEAT = 0;
const FRAME = 1;

/** The symbol behind which the watchdog finds who runs, where the main thread can be asked. */
export const RUNNING = 'posthorn.running';

/** The number of whatever is not an extension's. */
export const NOBODY = 0;

export interface FrameName {
  readonly extension: string;
  /** The hook, page, job or step. */
  readonly at: string;
}

export class FrameBoard {
  readonly cells: Int32Array;
  readonly #numbers = new Map<string, number>();
  readonly #names: FrameName[] = [{ extension: 'core', at: '' }];
  #listener: ((name: FrameName, frame: number) => void) | undefined;

  constructor(readonly memory = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.cells = new Int32Array(memory);
  }

  /** The number of a name: the same one for the same name. */
  numberOf(extension: string, at: string): number {
    const key = `${extension} ${at}`;
    let frame = this.#numbers.get(key);
    if (frame === undefined) {
      frame = this.#names.length;
      this.#names.push({ extension, at });
      this.#numbers.set(key, frame);
      this.#listener?.({ extension, at }, frame);
    }
    return frame;
  }

  /** Tells the names there are and all that follow. */
  onName(listener: (name: FrameName, frame: number) => void): void {
    this.#names.forEach(listener);
    this.#listener = listener;
  }

  beat(): void {
    this.cells[BEAT] = ((this.cells[BEAT] ?? 0) + 1) | 0;
  }

  get beats(): number {
    return Atomics.load(this.cells, BEAT);
  }

  get frame(): number {
    return Atomics.load(this.cells, FRAME);
  }

  /** Writes the frame that is entered and gives back the one before, to be written again at its end. */
  swap(frame: number): number {
    const before = this.cells[FRAME] as number;
    this.cells[FRAME] = frame;
    return before;
  }
}

/** The board of this process. */
export const board = new FrameBoard();

/** Its cells, for the one place that is too hot for a method. */
export const boardCells = board.cells;
export const FRAME_CELL = FRAME;
