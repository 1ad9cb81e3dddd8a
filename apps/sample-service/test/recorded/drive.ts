import type { DriveClient } from './client.ts'
import { driveAccounts } from './drive-accounts.ts'
import { driveAssistant } from './drive-assistant.ts'
import { driveConversations } from './drive-conversations.ts'
import { driveOrchestrator } from './drive-orchestrator.ts'
import { driveService } from './drive-service.ts'

/** What a drive needs beside the platform itself. */
export interface DriveOptions {
  /** Resolves when the platform has nothing left to do: messages are answered, and all of it is published. */
  settled: () => Promise<void>
}

export type Drive = (client: DriveClient, options: DriveOptions) => Promise<void>

/** What is recorded, by the name of the set: each is a story of its own that begins with an empty database. */
export const drives: Readonly<Record<string, Drive>> = {
  service: driveService,
  conversations: driveConversations,
  assistant: driveAssistant,
  orchestrator: driveOrchestrator,
  accounts: driveAccounts,
}
