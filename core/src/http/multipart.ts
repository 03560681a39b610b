import { type FileShape, type Issue, messages, type UploadedFile } from '@posthorn/sdk';
import busboy from 'busboy';
import { shownName } from '../forms/shown-name.js';
import { HttpError } from './http-error.js';
import { safeFilename } from './page-answer.js';
import { addTyped, FIELDS_MAX, malformedForm, type SentForm } from './sent-form.js';

const t = messages('host');

/** Characters of a field's name; a longer one is none of ours. */
const NAME_MAX = 200;
/** Header lines of one part. Browsers send two. */
const HEADERS_MAX = 16;

/**
 * Takes a body of `multipart/form-data` (RFC 7578) apart. It is in memory already, within its page's limit. Everything
 * that is cut short, nameless, not declared or not UTF-8 is refused with 400; a file above its own limit is an issue of
 * its field.
 */
export async function parseMultipart(contentType: string, bytes: Buffer, shape: FileShape): Promise<SentForm> {
  const typed = Object.create(null) as Record<string, string | string[]>;
  const files = Object.create(null) as Record<string, UploadedFile>;
  const issues: Issue[] = [];
  const seen = new Set<string>();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const parser = parserFor(contentType, shape);
  const refuse = () => reject(malformedForm());
  for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) parser.once(limit, refuse);
  parser.once('error', refuse);
  parser.once('close', resolve);
  parser.on('field', (name, value, info) => {
    // What is no UTF-8 has been replaced by this character already.
    if (!isName(name) || info.nameTruncated || info.valueTruncated || value.includes('\ufffd')) refuse();
    else addTyped(typed, name, value);
  });
  parser.on('file', (name, stream, info) => {
    const declared = name !== undefined && Object.hasOwn(shape, name) ? shape[name] : undefined;
    // What is refused must be read all the same, or the parser never ends.
    stream.once('error', refuse);
    if (declared === undefined || seen.has(name)) {
      stream.resume();
      reject(
        new HttpError(400, t('This form takes no file {{name}}, or only one.', { name: shownName(String(name)) })),
      );
      return;
    }
    seen.add(name);
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= declared.max) chunks.push(chunk);
    });
    stream.once('end', () => {
      // A browser sends an empty part for an input in which nothing was chosen.
      if (size === 0 && (info.filename ?? '') === '') return;
      if (size > declared.max) issues.push({ path: name, message: tooLarge(declared.max) });
      else files[name] = { name: safeFilename(info.filename ?? ''), content: Buffer.concat(chunks, size) };
    });
  });
  parser.end(bytes);
  await promise;
  return { typed, files, issues };
}

// The parser's own limit of names does not hold for this kind of body.
const isName = (name: string | undefined): name is string => name !== undefined && name.length <= NAME_MAX;

const tooLarge = (max: number) => t('is larger than {{size}} kB', { size: Math.floor(max / 1024) });

function parserFor(contentType: string, shape: FileShape): busboy.Busboy {
  const files = Object.keys(shape).length;
  try {
    return busboy({
      headers: { 'content-type': contentType },
      defParamCharset: 'utf8',
      limits: {
        // The body's own limit holds already; a field must only never be cut.
        fieldSize: Number.MAX_SAFE_INTEGER,
        fields: FIELDS_MAX,
        // One more than there may be, so that one too many is seen and refused.
        files: files + 1,
        parts: FIELDS_MAX + files,
        headerPairs: HEADERS_MAX,
      },
    });
  } catch {
    throw malformedForm();
  }
}
