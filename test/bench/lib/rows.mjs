import { median, p95 } from './statistics.mjs';

/**
 * One line of the table.
 * @typedef {object} Row
 * @property {string} name
 * @property {string} unit
 * @property {number} [median]
 * @property {number} [p95]
 * @property {number} [samples] how many
 * @property {{ name: string, median: number }} [baseline] measured in the same run
 * @property {number} [ratio] median to the baseline's
 * @property {string} [aim]
 * @property {boolean} [met]
 * @property {string} [notRun] why there are no figures
 */

/**
 * What an aim is about: the median itself, its ratio to the baseline, or the difference from it.
 * @typedef {{ of: 'median' | 'ratio' | 'difference', below?: number, above?: number }} Aim
 */

/** Thrown by a benchmark that cannot run here. */
export class NotRun extends Error {}

/**
 * @param {object} o
 * @param {string} o.name
 * @param {string} o.unit
 * @param {readonly number[]} o.samples
 * @param {{ name: string, samples: readonly number[] }} [o.baseline]
 * @param {Aim} [o.aim]
 * @param {boolean} [o.paired] each sample was taken beside the baseline's of the same index: ratio and difference are
 *   the medians of the pairs, which a busy moment cannot shift
 * @returns {Row}
 */
export function row({ name, unit, samples, baseline, aim, paired = false }) {
  const middle = median(samples);
  const base = baseline === undefined ? undefined : median(baseline.samples);
  const pairs = (/** @type {(ours: number, theirs: number) => number} */ of) =>
    median(samples.map((sample, i) => of(sample, baseline?.samples[i] ?? Number.NaN)));
  const ratio = base === undefined ? undefined : paired ? pairs((a, b) => a / b) : middle / base;
  const difference = paired ? pairs((a, b) => a - b) : middle - (base ?? 0);
  return {
    name,
    unit,
    median: middle,
    p95: p95(samples),
    samples: samples.length,
    ...(baseline === undefined ? {} : { baseline: { name: baseline.name, median: base ?? Number.NaN }, ratio }),
    ...(aim === undefined ? {} : judge(aim, unit, { median: middle, ratio, difference })),
  };
}

/**
 * @param {Aim} aim
 * @param {string} unit
 * @param {{ median: number, ratio: number | undefined, difference: number }} values
 */
function judge(aim, unit, values) {
  const value = values[aim.of] ?? Number.NaN;
  const words = { median: ['', ` ${unit}`], ratio: ['', '×'], difference: ['+', ` ${unit}`] }[aim.of];
  const limit = `${aim.below === undefined ? '≥' : '≤'} ${words[0]}${(aim.below ?? aim.above)?.toLocaleString('en-US')}${words[1]}`;
  const met = aim.below === undefined ? value >= (aim.above ?? 0) : value <= aim.below;
  return { aim: limit, met, ...(aim.of === 'difference' ? { difference: value } : {}) };
}

/**
 * @param {string} name
 * @param {string} reason
 * @returns {Row}
 */
export const notRun = (name, reason) => ({ name, unit: '', notRun: reason });
