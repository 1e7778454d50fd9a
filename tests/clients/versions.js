'use strict';
// Which version of each package that was asked for is installed.
const wanted = require('./package.json').dependencies;
const versions = Object.keys(wanted).map((name) => [name, require(name + '/package.json').version]);
console.log(JSON.stringify(Object.fromEntries(versions)));
