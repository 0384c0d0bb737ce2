/** Makes the company of `npm run demo`: the same machines and stories every time. */
export const DEMO_SEED = 20;
