import { describe } from 'vitest';
import { requireSuite } from '../kit/src/servers/index.js';
import { mailFlow } from './mail-flow.js';

describe.skipIf(!requireSuite('mail') || !requireSuite('mariadb'))('mail flow on MariaDB', () => mailFlow('mariadb'));
