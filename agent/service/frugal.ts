import './frugal-heap.ts';
import { z } from 'zod';

// Compiled validators are worth their memory to a server with thousands of frames a second, not to one device.
z.config({ jitless: true });
