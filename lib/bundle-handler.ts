import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import type { Architecture } from './environments.ts';
import { stageSharp } from './stage-sharp.ts';

const ROOT = join(import.meta.dirname, '..');

/** The handler of `lambdas/{step}` as one ES module with its source map, and sharp beside it where the step uses it. */
export function bundleHandler(step: string, options: { architecture: Architecture; sharp: boolean }): Code {
  const folder = join(ROOT, 'lambdas', step);
  return Code.fromAsset(folder, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('never-used'), // the type asks for one; everything is made on this machine
      local: {
        tryBundle(outputDir) {
          buildSync({
            entryPoints: [join(folder, 'handler.ts')],
            outfile: join(outputDir, 'index.mjs'),
            bundle: true,
            platform: 'node',
            format: 'esm',
            target: 'node24',
            mainFields: ['module', 'main'],
            external: ['sharp'],
            minify: true,
            keepNames: true, // Step Functions matches errors by their literal names
            sourcemap: true,
            sourcesContent: false,
            // CommonJS dependencies call `require` for Node's own modules, which an ES module does not have
            banner: { js: "import{createRequire as $cr}from'node:module';const require=$cr(import.meta.url);" },
            logLevel: 'error',
          });
          if (options.sharp)
            cpSync(stageSharp(options.architecture), join(outputDir, 'node_modules'), { recursive: true });
          return true;
        },
      },
    },
  });
}
