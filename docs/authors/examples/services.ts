import {
  type Actor,
  defineExtension,
  type ExtensionContext,
  messages,
  page,
  provide,
  service,
  view,
} from '@posthorn/sdk';

const t = messages('acme-clocks');

/** In the contract: what others import. */
export interface Clocks {
  /** What a clock in this place shows. Throws a `refused` problem where the actor may not know. */
  at(actor: Actor, place: string): Promise<string>;
}
export const clocks = service<Clocks>('acme-clocks.clocks@1');

/** In the extension: one object per generation. */
class WallClocks implements Clocks {
  constructor(private readonly context: ExtensionContext) {}

  async at(_actor: Actor, place: string): Promise<string> {
    return `${place} ${this.context.now().getUTCFullYear()}`;
  }
}

export default defineExtension({
  id: 'acme-clocks',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: t('Clocks'),
  services: [provide(clocks, (context) => new WallClocks(context))],
});

/** Another extension, which does without where it has to. */
export const travel = defineExtension({
  id: 'acme-travel',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Travel',
  optional: { 'acme-clocks': '^1.0.0' },
  views: new URL('./views/', import.meta.url),
  contributes: [
    page({
      path: '/acme-travel/',
      permission: 'signed-in',
      load: async ({ context, actor }) => {
        const time = await context.find(clocks)?.at(actor, 'Riga');
        return view('page', 'Travel', { line: time ?? 'Nobody knows the time there.' });
      },
    }),
  ],
});
