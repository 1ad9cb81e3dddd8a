/** The part of picomatch that is used here; the package brings no types of its own. */
declare module 'picomatch' {
  interface PicomatchOptions {
    readonly dot?: boolean
    readonly noextglob?: boolean
  }
  function picomatch(globs: string | readonly string[], options?: PicomatchOptions): (text: string) => boolean
  export = picomatch
}
