import { config } from 'zod';

// The page's policy forbids eval. zod would only try it and go on without, but the engine reports every try.
config({ jitless: true });
