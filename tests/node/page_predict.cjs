// Runs the network of a report's page on rows of bytes and prints its probabilities, one a line.
// Usage: node page_predict.cjs SCRIPT NETWORK PIXELS: the page's network.js, what network_json()
// writes, and the rows. Ends with a line of the first layer's units and the side of their pictures.
const fs = require('fs');

const [script, network, pixels] = process.argv.slice(2);
const Network = new Function(`${fs.readFileSync(script, 'utf8')}; return Network;`)();
const page = new Network(JSON.parse(fs.readFileSync(network, 'utf8')));
const bytes = fs.readFileSync(pixels);
for (let begin = 0; begin < bytes.length; begin += page.inputs) {
  console.log([...page.predict(bytes.subarray(begin, begin + page.inputs))].join('\n'));
}
const first = page.firstLayer;
console.log(first ? `${first.weights.length / first.inputs} ${first.side}` : '0 0');
