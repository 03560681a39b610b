import { HOST, ViewEngine } from '../views/view-engine.js';
import type { Assets } from './assets.js';

/**
 * Renders the host's views that stand outside of the frame: the front page and errors, also where there is no database
 * and no generation. In English. Everything printed is escaped; views get the address of assets as `it.asset(name)`.
 */
export class Views {
  readonly #engine = new ViewEngine();

  constructor(private readonly assets: Assets) {}

  render(name: string, data: Readonly<Record<string, unknown>>): string {
    return this.#engine.render(HOST, name, data, () => ({ asset: (file: string) => this.assets.url(file) }));
  }
}
