import { describe } from 'vitest';
import { apiSuite } from './suite.js';

describe('the API on SQLite', () => apiSuite(async () => undefined));
