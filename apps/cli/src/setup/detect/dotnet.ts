import { portWord, type Detection, type DetectOptions } from './detection.ts'
import type { Project } from './project.ts'

/** Looks for an ASP.NET service. */
export async function detectDotnet(project: Project, options: DetectOptions = {}): Promise<Detection | undefined> {
  for (const file of project.files.filter((name) => /\.(?:cs|fs)proj$/.test(name))) {
    if (!/Sdk\s*=\s*"Microsoft\.NET\.Sdk\.Web"/.test(await project.text(file))) continue
    const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/') + 1) : ''
    const launch = await project.text(`${folder}Properties/launchSettings.json`)
    const port = Number(/http:\/\/[^:"\s;]+:(\d{2,5})/.exec(launch)?.[1] ?? 5_000)
    return {
      language: 'dotnet',
      framework: 'aspnet',
      // A path with a space needs its quotes.
      command: `dotnet run --project ${/\s/.test(file) ? `"${file}"` : file} -- --urls http://127.0.0.1:${portWord(port, options)}`,
      port,
      formatCheck: 'dotnet format --verify-no-changes',
      install: ['dotnet restore'],
      evidence: [`${file} uses Microsoft.NET.Sdk.Web`],
    }
  }
  return undefined
}
