#!/usr/bin/env node
import { platformMain } from '../dist/index.js'

process.exitCode = await platformMain(process.argv.slice(2))
