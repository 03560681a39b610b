import type { Actor } from '../actor.js';
import type { ExtensionContext } from '../context.js';
import type { Shape, Values } from '../field.js';
import type { Problem } from '../problem.js';
import { service } from '../service.js';
import { type Contribution, contribute, slot } from '../slot.js';
import type { Text } from '../text.js';
import type { Account } from './account.js';

/**
 * Who may come in: everybody (`public`), whoever is signed in (`signed-in`), or whoever holds a permission. There is no
 * default, so a page without it does not compile.
 * @public @since 1.0.0
 */
export type Entry = 'public' | 'signed-in' | `${string}.${string}`;

/** The names after the colons of a path literal: `/things/:id/` gives `id`. @public @since 1.0.0 */
export type PathParams<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? { readonly [K in Name | keyof PathParams<`/${Rest}`>]: string }
  : P extends `${string}:${infer Name}`
    ? { readonly [K in Name]: string }
    : Readonly<Record<never, string>>;

/** What a page takes as a file. @public @since 1.0.0 */
export interface FileField {
  /** What it is called. */
  readonly label: Text;
  /** Bytes. The file is held in memory while the page runs. */
  readonly max: number;
}
/** The files that an action takes, by field. @public @since 1.0.0 */
export type FileShape = Readonly<Record<string, FileField>>;

/**
 * A file as it was sent. Name and content are the sender's: look at the content to learn what it is.
 * @public @since 1.0.0
 */
export interface UploadedFile {
  /** The last part of its path, without characters that steer something. */
  readonly name: string;
  /** The whole file. */
  readonly content: Uint8Array;
}
/** By field. Undefined where none was chosen. @public @since 1.0.0 */
export type UploadedFiles<F extends FileShape = FileShape> = { readonly [K in keyof F]: UploadedFile | undefined };

/** A button beside a notice, for instance to undo what it tells. @public @since 1.0.0 */
export interface NoticeAction {
  /** What the button says. */
  readonly label: Text;
  /** A path of ours: of an `action`, which gets a POST with a valid token. */
  readonly path: string;
  /** The path is one to go to instead. */
  readonly isLink?: boolean;
}

/**
 * One request as a handler sees it. There is no way from here to the raw request: everything is parsed already.
 * @public @since 1.0.0
 */
export interface PageRequest<
  Params = Readonly<Record<string, string>>,
  Query = unknown,
  Body = unknown,
  Files extends FileShape = FileShape,
> {
  /** The extension's own way to the host. */
  readonly context: ExtensionContext;
  /** The guest of a public page holds no permission at all. */
  readonly actor: Actor;
  /** Undefined for a guest. */
  readonly account: Account | undefined;
  /** By the names in the path. */
  readonly params: Params;
  /** Checked. */
  readonly query: Query;
  /** Checked; undefined for GET. */
  readonly body: Body;
  /** What was sent to a page that declares `files`; empty for all others. */
  readonly files: UploadedFiles<Files>;
  /** What was typed, before it was checked: to show a form again as it was sent. Empty for GET. */
  readonly typed: Readonly<Record<string, string | readonly string[]>>;
  /** Path and query, to link back to. Never another host. */
  readonly url: URL;
  /** Asked for by a script that replaces a part of the page: answer with that part alone where that is cheaper. */
  readonly isFragment: boolean;
  /** The reader's language and time zone. */
  readonly locale: string;
  readonly timeZone: string;
  /** The text in the reader's language. */
  t(text: Text): string;
  /** A sentence shown on the next page that this reader sees; guests see it without its button. */
  notice(level: 'success' | 'info' | 'warning' | 'danger', text: Text, action?: NoticeAction): void;
  /** Aborted when the reader goes away. */
  readonly signal: AbortSignal;
}

/**
 * A view of the extension's own `views` folder (or `host:name` for one of the host's) and its data.
 * @public @since 1.0.0
 */
export interface ViewAnswer {
  readonly kind: 'view';
  /** Name without folder and ending. */
  readonly view: string;
  /** Of the page. */
  readonly title: Text;
  /** What the view finds in `it`. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Default 200. A form with mistakes answers 422. */
  readonly status?: number;
}
/** Sends the reader on. @public @since 1.0.0 */
export interface RedirectAnswer {
  readonly kind: 'redirect';
  /** A path of ours; anything else is refused. Sent as 303. */
  readonly to: string;
}
/** A file to keep: `type` is its media type, `filename` the name that is suggested. @public @since 1.0.0 */
export interface DownloadAnswer {
  readonly kind: 'download';
  /** What the file is to be called. */
  readonly filename: string;
  /** The media type. */
  readonly type: string;
  /** All of it, or a stream. */
  readonly content: string | Uint8Array | AsyncIterable<string | Uint8Array>;
}
/** What a page may answer with. @public @since 1.0.0 */
export type PageAnswer = ViewAnswer | RedirectAnswer | DownloadAnswer;

/**
 * Answers with a view: `name` without folder and ending, the title of the page, what the view finds in `it`.
 * @public @since 1.0.0
 */
export const view = (
  name: string,
  title: Text,
  data: Readonly<Record<string, unknown>> = {},
  status?: number,
): ViewAnswer => ({ kind: 'view', view: name, title, data, ...(status === undefined ? {} : { status }) });
/** Answers by sending the reader to a path of ours. @public @since 1.0.0 */
export const redirect = (to: string): RedirectAnswer => ({ kind: 'redirect', to });
/** Answers with a file to keep. @public @since 1.0.0 */
export const download = (d: Omit<DownloadAnswer, 'kind'>): DownloadAnswer => ({ kind: 'download', ...d });

/** A page or an action as its slot keeps it; `page` and `action` make one. @public @since 1.0.0 */
export interface Page {
  /** GET reads, POST changes. */
  readonly method: 'GET' | 'POST';
  /** Begins and ends with a slash. */
  readonly path: string;
  /** Who may come in. */
  readonly permission: Entry;
  /** What the address may say. */
  readonly query: Shape;
  /** What a form sends; a function where that depends on what is asked for. */
  readonly body: Shape | ((request: PageRequest) => Shape | Promise<Shape>);
  /** Where there are any, the page takes `multipart/form-data` too. */
  readonly files: FileShape;
  /** Bytes of a body; default 65,536, and what its files may have. */
  readonly bodyLimit: number;
  /** Answers. */
  run(request: PageRequest): Promise<PageAnswer>;
  /** Answers what does not fit `body`. */
  onInvalid?(request: PageRequest, problem: Problem): Promise<PageAnswer>;
}

/** The slot of pages and actions. @public @since 1.0.0 */
export const pages = slot<Page>('host.pages@1');

interface PageBase<P extends string> {
  /** Begins and ends with a slash; `:name` stands for one segment. */
  readonly path: P;
  readonly permission: Entry;
}

/**
 * A page: reads, and changes nothing. Unknown query parameters are left out; wrong ones fall back to their default.
 * @public @since 1.0.0
 */
export const page = <const P extends string, const Q extends Shape = Record<never, never>>(
  p: PageBase<P> & {
    readonly query?: Q;
    load(request: PageRequest<PathParams<P>, Values<Q>, undefined>): Promise<PageAnswer>;
  },
): Contribution =>
  contribute(pages, {
    method: 'GET',
    path: p.path,
    permission: p.permission,
    query: p.query ?? {},
    body: {},
    files: {},
    bodyLimit: 0,
    run: p.load as unknown as Page['run'],
  });

/**
 * What a form or a button sends. Where its fields depend on what is asked for, as on a name in the path, `body` is a
 * function that says them. The token against forged requests is checked before anything. The body is checked
 * against `body`; with mistakes, `onInvalid` shows the form again with what was typed (answer with status 422), and
 * without it the reader gets an error page that names them. A `temporary` problem comes there too, with status 503.
 *
 * A page that takes files declares each in `files` and finds it in `request.files`; its form has
 * `enctype="multipart/form-data"`. A file above its `max` is a mistake of its field like any other.
 * @public @since 1.0.0
 */
export const action = <
  const P extends string,
  const B extends Shape = Record<never, never>,
  const F extends FileShape = Record<never, never>,
>(
  a: PageBase<P> & {
    readonly body?: B | ((request: PageRequest<PathParams<P>>) => B | Promise<B>);
    readonly files?: F;
    readonly bodyLimit?: number;
    run(request: PageRequest<PathParams<P>, unknown, Values<B>, F>): Promise<PageAnswer>;
    onInvalid?(request: PageRequest<PathParams<P>, unknown, undefined, F>, problem: Problem): Promise<PageAnswer>;
  },
): Contribution =>
  contribute(pages, {
    method: 'POST',
    path: a.path,
    permission: a.permission,
    query: {},
    body: (a.body ?? {}) as Page['body'],
    files: a.files ?? {},
    bodyLimit: (a.bodyLimit ?? 65_536) + Object.values(a.files ?? {}).reduce((sum, file) => sum + file.max, 0),
    run: a.run as unknown as Page['run'],
    ...(a.onInvalid === undefined ? {} : { onInvalid: a.onInvalid as unknown as NonNullable<Page['onInvalid']> }),
  });

/**
 * An entry of the navigation. Entries whose permission the reader lacks are not shown; empty groups vanish.
 * @public @since 1.0.0
 */
export interface MenuEntry {
  /** `main` is the side bar, `user` the reader's own menu; others belong to whoever shows them. */
  readonly area: string;
  /** What it is called. */
  readonly label: Text;
  /** A path of ours. */
  readonly href: string;
  /** A name of the Tabler icon set. */
  readonly icon: string;
  /** Who sees it. */
  readonly permission: Entry;
  /** Entries of a group stand together under its name. */
  readonly group?: Text;
  /** A few characters behind the label. Has one second; undefined for none. */
  badge?(request: PageRequest): Promise<string | undefined>;
}
/** The slot of menu entries. @public @since 1.0.0 */
export const menu = slot<MenuEntry>('host.menu@1');
/** Contributes an entry to the navigation. @public @since 1.0.0 */
export const menuEntry = (e: MenuEntry, o: { readonly order?: number } = {}): Contribution => contribute(menu, e, o);

/**
 * A part of a page that is loaded and rendered on its own: one that fails or is late leaves the others alone.
 * @public @since 1.0.0
 */
export interface Widget {
  /** Unique within the extension. */
  readonly id: string;
  /** `dashboard`, or a region that an extension shows. */
  readonly region: string;
  /** Stands above it. */
  readonly title: Text;
  /** Who sees it. */
  readonly permission: Entry;
  /** Columns of twelve on a wide screen. Default 4. */
  readonly span?: 3 | 4 | 6 | 8 | 12;
  /** What it shows; undefined for nothing. */
  load(request: PageRequest): Promise<ViewAnswer | undefined>;
}
/** The slot of widgets. @public @since 1.0.0 */
export const widgets = slot<Widget>('host.widgets@1');
/** A widget that was loaded, ready for `include('host:widgets', { widgets })`. @public @since 1.0.0 */
export interface ShownWidget {
  /** The widget's id. */
  readonly id: string;
  /** The extension it comes from. */
  readonly from: string;
  /** In the reader's language. */
  readonly title: string;
  /** Columns of twelve. */
  readonly span: number;
  /** Undefined where it could not be loaded. */
  readonly view: string | undefined;
  /** What the view finds in `it`. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Regions of one's own pages that others fill with widgets. @public @since 1.0.0 */
export interface Regions {
  /** The widgets of a region that this reader may see, loaded beside each other within three seconds. */
  load(region: string, request: PageRequest): Promise<readonly ShownWidget[]>;
}
/** Widgets for pages of one's own. Provided by the kernel. @public @since 1.0.0 */
export const regions = service<Regions>('host.regions@1');

/** Contributes a widget to the dashboard or to another region. @public @since 1.0.0 */
export const widget = (w: Widget, o: { readonly order?: number } = {}): Contribution => contribute(widgets, w, o);
