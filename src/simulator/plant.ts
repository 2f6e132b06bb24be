/**
 * What a planted bug is: texts in built files, and what takes their place.
 *
 * Owns the shape. Which bugs there are stands in plants.ts and door-plants.ts, how one is set in mutant.ts.
 */

export interface Edit {
  /** Below dist. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Plant {
  readonly name: string;
  readonly breaks: string;
  /** The one that it breaks first of all; others may go with it. */
  readonly invariant: string;
  readonly edits: readonly Edit[];
}

/** A change of texts in one file. */
export const plant = (
  name: string,
  invariant: string,
  breaks: string,
  file: string,
  ...texts: readonly (readonly [find: string, replace: string])[]
): Plant => ({
  ...{ name, invariant, breaks },
  edits: texts.map(([find, replace]) => ({ file, find, replace })),
});

/** One bug that takes the changes of both. */
export const both = (one: Plant, other: Plant): Plant => ({ ...one, edits: [...one.edits, ...other.edits] });
