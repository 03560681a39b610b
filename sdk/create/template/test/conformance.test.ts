import { fileURLToPath } from 'node:url';
import { conformance } from '@posthorn/testkit/conformance';

conformance(fileURLToPath(new URL('../', import.meta.url)), { dialects: ['sqlite'] });
