import { Readable } from 'node:stream';
import { type EndpointRequest, type ExportCell, z } from '@posthorn/sdk';
import type { Context } from 'koa';
import { writeCsv } from '../../import-export/csv-writer.js';
import { checkedAnswer } from './checked-answer.js';
import { type Controls, fieldNames, onlyFields, toCursor } from './controls.js';
import { isKnown } from './entity-tag.js';
import { type AnswerType, type Call, runEndpoint } from './run-endpoint.js';

/** Rows that are turned into text before the answer begins. What has no more is an answer like any other. */
const FIRST = 500;
/** Characters that are sent at once. */
const CHUNK = 64 * 1024;

type Row = Readonly<Record<string, unknown>>;

/** Answers with the rows of a collection. What goes wrong before the first of them is sent is an answer of its own. */
export async function sendCollection(
  ctx: Context,
  call: Call,
  request: EndpointRequest,
  { controls, type }: { readonly controls: Controls; readonly type: AnswerType },
): Promise<void> {
  const { limit } = controls.page;
  // One more than asked for says whether there is another part.
  const page = { ...request.page, ...(limit === undefined ? {} : { limit: limit + 1 }) };
  const rows = checkedRows(call, { ...request, page });
  const first: Row[] = [];
  let isWhole = false;
  await runEndpoint(call, request, async () => {
    while (first.length < Math.max(FIRST, (limit ?? 0) + 1) && !isWhole) {
      const next = await rows.next();
      if (next.done === true) isWhole = true;
      else first.push(next.value);
    }
  });
  if (limit !== undefined) {
    if (first.length > limit) ctx.set('Link', nextLink(ctx, call, first[limit - 1] as Row, controls.page.sort));
    first.splice(limit);
    isWhole = true;
  }
  if (isWhole) await rows.return(undefined);
  ctx.status = 200;
  ctx.type = type === 'text/csv' ? 'text/csv; charset=utf-8' : type;
  if (isWhole) {
    const text = await whole(first, type, call, controls.fields);
    if (!isKnown(ctx, text)) ctx.body = text;
    return;
  }
  const written = write(chain(first, rows), type, call, controls.fields);
  if (ctx.method === 'HEAD') {
    await rows.return(undefined);
    return;
  }
  const stream = Readable.from(written, { objectMode: false });
  stream.once('error', (error) =>
    call.kernel.log.error({ extension: call.route.from, err: error }, 'an answer ended early'),
  );
  ctx.body = stream;
  ctx.state.isUncompressed = true;
}

async function* checkedRows(call: Call, request: EndpointRequest): AsyncGenerator<Row, undefined> {
  const { endpoint } = call.route;
  const item = (endpoint.returns as z.ZodArray).element as z.ZodType;
  for await (const row of (await endpoint.run(request)) as AsyncIterable<unknown>) {
    request.signal.throwIfAborted();
    yield checkedAnswer({ returns: item }, row, call.isDevelopment) as Row;
  }
  return undefined;
}

/** All rows at once: each step of a generator costs as much as a small row. */
async function whole(
  rows: readonly Row[],
  type: AnswerType,
  call: Call,
  fields: readonly string[] | undefined,
): Promise<string> {
  if (type === 'application/json') {
    return JSON.stringify(fields === undefined ? rows : rows.map((row) => onlyFields(row, fields)));
  }
  let text = '';
  for await (const part of write(chain(rows), type, call, fields)) text += part;
  return text;
}

async function* chain(first: readonly Row[], rest?: AsyncIterable<Row>): AsyncGenerator<Row> {
  yield* first;
  if (rest !== undefined) yield* rest;
}

async function* shown(rows: AsyncIterable<Row>, fields: readonly string[] | undefined): AsyncGenerator<Row> {
  for await (const row of rows) yield fields === undefined ? row : (onlyFields(row, fields) as Row);
}

function write(all: AsyncIterable<Row>, type: AnswerType, { route }: Call, fields: readonly string[] | undefined) {
  const rows = shown(all, fields);
  if (type === 'text/csv') return writeCsv(cells(rows, fields ?? fieldNames(route.endpoint) ?? []), ',');
  return inChunks(type === 'application/json' ? array(rows) : lines(rows));
}

async function* array(rows: AsyncIterable<Row>): AsyncGenerator<string> {
  let before = '[';
  for await (const row of rows) {
    yield `${before}${JSON.stringify(row)}`;
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}

async function* lines(rows: AsyncIterable<Row>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

/** Objects and lists in a cell are JSON. */
async function* cells(rows: AsyncIterable<Row>, names: readonly string[]): AsyncGenerator<readonly ExportCell[]> {
  yield names;
  for await (const row of rows) {
    yield names.map((name) => {
      const value = row[name] ?? '';
      if (value instanceof Date) return value.toISOString();
      return typeof value === 'object' ? JSON.stringify(value) : (value as ExportCell);
    });
  }
}

async function* inChunks(parts: AsyncIterable<string>): AsyncGenerator<string> {
  let text = '';
  for await (const part of parts) {
    text += part;
    if (text.length < CHUNK) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** RFC 8288, relative to the address that was asked. */
function nextLink(ctx: Context, { route }: Call, last: Row, sort: string | undefined): string {
  const search = new URLSearchParams(ctx.URL.searchParams);
  search.set('cursor', toCursor(route.endpoint.keyOf?.(last, sort) ?? '', sort));
  return `<${ctx.path}?${search}>; rel="next"`;
}
