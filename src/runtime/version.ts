/** The package's version, as the journal's first record names it; a test holds it equal to package.json's. */
export const VERSION = '0.1.0';
