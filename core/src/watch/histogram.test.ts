import { describe, expect, it } from 'vitest';
import { Histogram } from './histogram.js';

const of = (...samples: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const ms of samples) histogram.add(ms);
  return histogram;
};

describe('a histogram', () => {
  it('tells percentiles to a fifth, from microseconds to a minute', () => {
    for (const ms of [0.004, 0.3, 7, 250, 31_000]) {
      const found = of(ms).percentile(0.5);
      expect(found).toBeGreaterThanOrEqual(ms);
      expect(found).toBeLessThan(ms * 1.2);
    }
  });

  it('tells the many from the few', () => {
    const histogram = of(...Array<number>(94).fill(1), ...Array<number>(6).fill(1_000));
    expect(histogram.percentile(0.5)).toBeLessThan(1.2);
    expect(histogram.percentile(0.95)).toBeGreaterThan(999);
  });

  it('adds up over processes, as if one had seen it all', () => {
    const one = of(1, 2, 3);
    one.merge(JSON.parse(JSON.stringify(of(100, 200, 300, 400))) as Record<string, number>);
    expect(one.toJSON()).toEqual(of(1, 2, 3, 100, 200, 300, 400).toJSON());
  });

  it('has no percentile without samples, and a class for what is out of range', () => {
    expect(new Histogram().percentile(0.95)).toBe(0);
    expect(of(0, 1e12).percentile(1)).toBeGreaterThan(60_000);
  });
});
