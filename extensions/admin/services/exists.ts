import { isProblem } from '@posthorn/sdk';

/** Whether what is looked for is there and in reach. */
export async function exists(found: Promise<unknown>): Promise<boolean> {
  try {
    await found;
    return true;
  } catch (error) {
    if (isProblem(error) && error.kind === 'not-found') return false;
    throw error;
  }
}
