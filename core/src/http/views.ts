import { boundTo, type Translate } from '../text/catalogs.js';
import { directionOf } from '../text/locale.js';
import { untranslated } from '../views/page-renderer.js';
import { HOST, ViewEngine } from '../views/view-engine.js';
import type { Assets } from './assets.js';

/** How a page that stands outside of the frame is read. */
export interface Reading {
  readonly locale: string;
  readonly theme: 'auto' | 'light' | 'dark';
  readonly t: Translate;
}

const ENGLISH: Reading = { locale: 'en', theme: 'auto', t: untranslated };

/**
 * Renders the host's views that stand outside of the frame: errors, also where there is no database and no generation. Everything printed is escaped; views get the address of assets as `it.asset(name)`.
 */
export class Views {
  readonly #engine = new ViewEngine();

  constructor(private readonly assets: Assets) {}

  render(name: string, data: Readonly<Record<string, unknown>>, reading: Reading = ENGLISH): string {
    const { locale, theme } = reading;
    const shared = { ...data, locale, dir: directionOf(locale), theme };
    return this.#engine.render(HOST, name, shared, () => ({
      asset: (file: string) => this.assets.url(file),
      t: boundTo(HOST, reading.t),
    }));
  }
}
