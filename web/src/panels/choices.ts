/** Lists to choose from when something is written by hand. */

export const COLOURS = ["blue", "yellow", "orange", "red"] as const;

/** Event kinds of our own alerts, as the rules name them. */
export const EVENTS = ["storm_tide", "waterlogging", "river_level"] as const;

export const LEVELS = ["IV", "III", "II", "I"] as const;
