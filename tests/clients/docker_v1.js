'use strict';
// docker-registry-client 3.4.0 with one repository: node docker_v1.js HOST REPOSITORY TAG
// It has no calls that write; it asks for a session first, and puts a word of its own in front of the token.
const crypto = require('crypto');
const util = require('util');
const registry = require('docker-registry-client');

const [host, name, tag] = process.argv.slice(2);
const quiet = require('bunyan').createLogger({ name: 'docker_v1', level: 'fatal' });

function layer(client, imgId) {
    return new Promise((resolve, reject) => {
        client.getImgLayerStream({ imgId }, (err, stream) => {
            if (err) {
                reject(err);
                return;
            }
            const hash = crypto.createHash('sha256');
            let size = 0;
            stream.on('data', (chunk) => {
                size += chunk.length;
                hash.update(chunk);
            });
            stream.on('end', () => resolve({ size, sha256: hash.digest('hex') }));
            stream.on('error', reject);
            stream.resume();
        });
    });
}

async function main() {
    const client = registry.createClientV1({ name: `${host}/${name}`, log: quiet });
    const call = (method, ...args) => util.promisify(client[method].bind(client))(...args);
    const said = {
        ping: await util.promisify(registry.pingIndexV1)({ indexName: `http://${host}`, log: quiet }),
        search: await call('search', { term: name }),
        images: await call('listRepoImgs'),
        tags: await call('listRepoTags'),
        image: await call('getImgId', { tag }),
    };
    said.ancestry = await call('getImgAncestry', { imgId: said.image });
    said.json = [];
    said.layers = [];
    for (const imgId of said.ancestry) {
        said.json.push(await call('getImgJson', { imgId }));
        said.layers.push(await layer(client, imgId));
    }
    client.close();
    console.log(JSON.stringify(said));
}

main().catch((err) => {
    console.error(err);
    process.exitCode = 1;
});
