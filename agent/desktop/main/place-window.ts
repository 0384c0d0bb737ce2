export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Distance to the icon and to the screen's edges, px. */
const GAP = 8;

/**
 * Where the window opens: centred on the icon on the side of the bar the icon is in, inside the work area. Systems that do
 * not say where the icon is (Linux) get the corner nearest to the pointer, which has just clicked it.
 */
export function placeWindow(
  size: { readonly width: number; readonly height: number },
  icon: Box | null,
  pointer: { readonly x: number; readonly y: number },
  work: Box,
): { x: number; y: number; width: number; height: number } {
  const height = Math.min(size.height, work.height - 2 * GAP);
  const width = Math.min(size.width, work.width - 2 * GAP);
  const at =
    icon !== null && icon.width > 0 ? { x: icon.x + icon.width / 2, y: icon.y + icon.height / 2 } : pointer;
  const below = at.y < work.y + work.height / 2;
  const x = clamp(at.x - width / 2, work.x + GAP, work.x + work.width - width - GAP);
  const y = below ? work.y + GAP : work.y + work.height - height - GAP;
  return { x: Math.round(x), y: Math.round(y), width, height };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
