/** Protocol versions this build speaks, newest first. The device offers, the collector picks. */
export const PROTOCOL_VERSIONS = [1] as const;
export type ProtocolVersion = (typeof PROTOCOL_VERSIONS)[number];

/** WebSocket subprotocol of the device connection and its path. */
export const DEVICE_SUBPROTOCOL = 'trayline.device.v1';
export const DEVICE_PATH = '/agent';
/** The same for the console. */
export const CONSOLE_SUBPROTOCOL = 'trayline.console.v1';
export const CONSOLE_PATH = '/console-socket';
