// Real reverse proxies in front of the server, each from its distribution package, as a user would set them up.
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

export async function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function executable(...candidates) {
  const found = candidates.find((path) => existsSync(path));
  if (!found) throw new Error(`none of ${candidates.join(", ")} is installed`);
  return found;
}

async function answering(origin, child) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`the proxy ended with ${child.exitCode}`);
    try {
      await fetch(`${origin}/health`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error(`no answer from ${origin} within 10 s`);
}

async function start(binary, args, folder, port) {
  const child = spawn(binary, args, { stdio: ["ignore", "ignore", "inherit"] });
  const origin = `http://localhost:${port}`;
  await answering(origin, child);
  return {
    origin,
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function startNginx(server) {
  const folder = await mkdtemp(join(tmpdir(), "xshathra-nginx-"));
  const port = await freePort();
  const user = userInfo().uid === 0 ? "user root;" : "";
  await writeFile(join(folder, "nginx.conf"), `
${user}
daemon off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${server.port};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Host localhost:${server.port};
    }
  }
}
`);
  return start(executable("/usr/sbin/nginx"), ["-c", join(folder, "nginx.conf"), "-p", folder], folder, port);
}

export async function startApache(server) {
  const folder = await mkdtemp(join(tmpdir(), "xshathra-apache-"));
  const port = await freePort();
  const modules = "/usr/lib/apache2/modules";
  await writeFile(join(folder, "apache.conf"), `
ServerRoot ${folder}
ServerName localhost
PidFile ${folder}/apache.pid
Listen 127.0.0.1:${port}
ErrorLog ${folder}/error.log
LogLevel warn
DefaultRuntimeDir ${folder}
Mutex pthread
LoadModule mpm_event_module ${modules}/mod_mpm_event.so
LoadModule authz_core_module ${modules}/mod_authz_core.so
LoadModule proxy_module ${modules}/mod_proxy.so
LoadModule proxy_http_module ${modules}/mod_proxy_http.so
LoadModule proxy_wstunnel_module ${modules}/mod_proxy_wstunnel.so
ProxyPass /realtime/connection/websocket ws://127.0.0.1:${server.port}/realtime/connection/websocket
ProxyPass / http://127.0.0.1:${server.port}/
`);
  const apache = [executable("/usr/sbin/apache2"), "-f", join(folder, "apache.conf"), "-DFOREGROUND"];
  if (userInfo().uid !== 0) return start(apache[0], apache.slice(1), folder, port);
  // Apache serves nothing as root. It runs as its package's user, with the right to look up paths, since the root folder of a test
  // system may be closed to everybody else.
  const [uid, gid] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "www-data"])));
  await chown(folder, uid, gid);
  const right = "dac_read_search";
  return start(executable("/usr/bin/setpriv"), ["--reuid", `${uid}`, "--regid", `${gid}`, "--clear-groups",
    "--inh-caps", `+${right}`, "--ambient-caps", `+${right}`, ...apache], folder, port);
}
