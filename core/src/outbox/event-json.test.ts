import { expect, it } from 'vitest';
import { eventJson } from './event-json.js';

class Point {
  x = 1;
}
const self: Record<string, unknown> = {};
self.self = self;

it('takes what JSON keeps', () => {
  const event = { a: [1, -2.5, 'é\0"', true, null, { b: [] }], ['__proto__']: 'own', none: undefined };
  expect(JSON.parse(eventJson('demo.done@1', event))).toEqual(event);
  expect(eventJson('demo.done@1', Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
});

it.each([
  ['event is undefined', undefined],
  ['event is a function', () => 1],
  ['event is an instance of Date', new Date()],
  ['event.a.at is an instance of Date', { a: { at: new Date() } }],
  ['event.list[1] is undefined', { list: [1, undefined] }],
  ['event.list[0] is undefined', { list: new Array(1) }],
  ['event.run is a function', { run: () => 1 }],
  ['event.toJSON is a function', { toJSON: () => 1 }],
  ['event.big is a bigint', { big: 1n }],
  ['event.sign is a symbol', { sign: Symbol('x') }],
  ['event.n is NaN', { n: Number.NaN }],
  ['event.n is Infinity', { n: Number.POSITIVE_INFINITY }],
  ['event.point is an instance of Point', { point: new Point() }],
  ['event.map is an instance of Map', { map: new Map() }],
  ['event.bytes is an instance of Uint8Array', { bytes: new Uint8Array(1) }],
])('names %s', (words, event) => {
  expect(() => eventJson('demo.done@1', event)).toThrow(`demo.done@1: ${words}; an event is what JSON keeps as it is`);
});

it('ends with what contains itself', () => {
  expect(() => eventJson('demo.done@1', self)).toThrow(/event\.self\.self.* lies too deep, or contains itself/);
});
