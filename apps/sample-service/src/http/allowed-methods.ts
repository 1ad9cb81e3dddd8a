import type { FastifyInstance } from 'fastify'

/**
 * Remembers the routes that an app gets from now on. The function that it returns says which methods a path takes, so
 * that a wrong method is told from a wrong path.
 *
 * @example
 * const allowedMethods = collectMethods(app)
 * app.get('/tasks/:id', handler)
 * allowedMethods('/tasks/7') // ['GET', 'HEAD']
 */
export function collectMethods(app: FastifyInstance): (path: string) => string[] {
  const routes: { segments: string[]; methods: string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ segments: segmentsOf(url), methods: [method].flat() })
  })
  return (path) => {
    const wanted = segmentsOf(path)
    const methods = routes.flatMap((route) => (fits(wanted, route.segments) ? route.methods : []))
    return [...new Set(methods)].sort()
  }
}

/** A slash at the end makes no difference. */
const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '')

function fits(path: readonly string[], route: readonly string[]): boolean {
  if (route.at(-1) === '*')
    return path.length >= route.length && fits(path.slice(0, route.length - 1), route.slice(0, -1))
  return path.length === route.length && route.every((part, index) => part.startsWith(':') || part === path[index])
}
