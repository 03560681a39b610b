import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import type { Assets } from './assets.js';

const OWN = fileURLToPath(new URL('../../views', import.meta.url));

/** Renders the kernel's views. Everything printed is escaped; views get the address of assets as `it.asset(name)`. */
export class Views {
  readonly #eta = new Eta({ views: OWN, cache: true });

  constructor(private readonly assets: Assets) {}

  render(name: string, data: Readonly<Record<string, unknown>>): string {
    return this.#eta.render(name, { ...data, asset: (file: string) => this.assets.url(file) });
  }
}
