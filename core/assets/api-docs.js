// Shows the document of the API in Swagger UI, which is large, when it is asked for. What it sends goes out with the
// session of the reader and the token of this page.
const button = document.querySelector('[data-ph-api-docs]');

button?.addEventListener('click', async () => {
  button.disabled = true;
  const { phApiDocs: url, phProgram: program, phToken: token } = button.dataset;
  await load(program);
  const place = document.getElementById('api-docs');
  place.hidden = false;
  window.SwaggerUIBundle({
    url,
    domNode: place,
    deepLinking: false,
    displayRequestDuration: true,
    // It would ask another server whether the document is right.
    validatorUrl: null,
    requestInterceptor: (request) => {
      request.headers['X-CSRF-Token'] = token;
      return request;
    },
  });
  button.parentElement.hidden = true;
});

/** It is no module. */
function load(src) {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement('script'), { src, onload: resolve, onerror: reject });
    document.head.append(script);
  });
}
