import { type Contribution, page, view } from '@posthorn/sdk';
import { galleryData } from '../views/gallery.js';

const PATH = '/core/gallery/';

const isDevelopment = (environment: NodeJS.ProcessEnv): boolean =>
  environment['POSTHORN_DEVELOPMENT'] === '1' || environment['NODE_ENV'] === 'development';

/** Every component on one page, for those who write views. There in development only. */
export const galleryPage = (environment: NodeJS.ProcessEnv = process.env): readonly Contribution[] =>
  isDevelopment(environment)
    ? [
        page({
          path: PATH,
          permission: 'signed-in',
          load: async ({ url }) => view('host:gallery', 'Gallery', galleryData(url)),
        }),
      ]
    : [];
