import { type Contribution, contribute, slot } from '../slot.js';
import type { Text } from '../text.js';
import type { Entry, PageRequest } from './pages.js';

/** One sentence above every page, until what it is about is mended. @public @since 1.0.0 */
export interface Notice {
  /** Unique within its source. One that was dismissed comes back under another id. */
  readonly id: string;
  /** How urgent it is. */
  readonly level: 'success' | 'info' | 'warning' | 'danger';
  /** What is to be said. */
  readonly text: Text;
  /** Where it can be mended: a path of ours. */
  readonly href?: string;
  /** How many there are; at 0 the notice is not shown. */
  readonly counter?: number;
}

/**
 * Where notices come from. It is asked for every page: answer from what is quick to find, within a second.
 * @public @since 1.0.0
 */
export interface NoticeSource {
  /** Unique within the extension. */
  readonly id: string;
  /** Who may see its notices. */
  readonly permission: Entry;
  /** Whoever is signed in may put its notices away, each for himself. */
  readonly isDismissable?: boolean;
  /** Empty where there is nothing to say. */
  load(request: PageRequest): Promise<readonly Notice[]>;
}
/** The slot of notices. @public @since 1.0.0 */
export const noticeSources = slot<NoticeSource>('host.notices@1');
/** Contributes notices to every page. @public @since 1.0.0 */
export const noticeSource = (s: NoticeSource, o: { readonly order?: number } = {}): Contribution =>
  contribute(noticeSources, s, o);

/** Something that everybody reads who is about to sign in. Plain text: no markup. @public @since 1.0.0 */
export interface Announcement {
  /** How urgent it is; default `info`. */
  readonly level?: 'info' | 'warning' | 'danger';
  /** What is to be said. */
  readonly text: Text;
  /** Shown as a list below it. */
  readonly items?: readonly Text[];
}
/** Where announcements come from. @public @since 1.0.0 */
export interface AnnouncementSource {
  /** Unique within the extension. */
  readonly id: string;
  /** Undefined where there is nothing to say. One that fails or takes longer than a second says nothing. */
  load(request: PageRequest): Promise<Announcement | undefined>;
}
/** The slot of announcements. @public @since 1.0.0 */
export const announcementSources = slot<AnnouncementSource>('host.announcements@1');
/** Contributes announcements to the page of signing in. @public @since 1.0.0 */
export const announcementSource = (s: AnnouncementSource, o: { readonly order?: number } = {}): Contribution =>
  contribute(announcementSources, s, o);

/** A page where somebody may want to begin after signing in; offered to those who may open it. @public @since 1.0.0 */
export interface LandingPage {
  /** What it is called where it is chosen. */
  readonly label: Text;
  /** The page's path. */
  readonly href: string;
  /** Of the page. */
  readonly permission: Entry;
}
/** The slot of pages to begin on. @public @since 1.0.0 */
export const landingPages = slot<LandingPage>('host.landing-pages@1');
/** Offers a page as the first one after signing in. @public @since 1.0.0 */
export const landingPage = (p: LandingPage, o: { readonly order?: number } = {}): Contribution =>
  contribute(landingPages, p, o);
