#!/usr/bin/env node
import { driveNineRequests } from '../dist/index.js'

const baseUrl = (process.argv[2] ?? 'http://127.0.0.1:8000').replace(/\/+$/, '')
for (const { name, method, path, status } of await driveNineRequests(baseUrl)) {
  process.stdout.write(`${status} ${method} ${path} (${name})\n`)
}
