import { z } from 'zod';

/** Operating system families an agent runs on; Linux is the development and server platform. */
export const platform = z.enum(['windows', 'macos', 'linux']);
export type Platform = z.infer<typeof platform>;
