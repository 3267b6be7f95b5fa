/** nginx in one process, with one answer to everything. The body must have no single quote. */
export function nginxConfig(
  folder: string,
  port: number,
  { type, body, headers = {} }: { type: string; body: string; headers?: Readonly<Record<string, string>> },
): string {
  const lines = Object.entries(headers).map(([name, value]) => `    add_header ${name} ${value};\n`);
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    default_type ${type};
${lines.join("")}    location / { return 200 '${body}'; }
  }
}
`;
}
