// The loop of Lambda's Runtime API and nothing more: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
import http from 'node:http';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true });
const { handler } = await import(`./${process.env._HANDLER}.mjs`);

function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, method, path: `/2018-06-01/runtime${path}`, agent }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ headers: response.headers, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

for (;;) {
  const { headers, text } = await ask('GET', '/invocation/next');
  const id = headers['lambda-runtime-aws-request-id'];
  try {
    await ask('POST', `/invocation/${id}/response`, JSON.stringify(await handler(JSON.parse(text))));
  } catch (error) {
    await ask('POST', `/invocation/${id}/error`, JSON.stringify({ errorMessage: error.message, errorType: error.name }));
  }
}
