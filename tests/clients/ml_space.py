"""Drives mlspace-plugin as its own hosts do, by MCP over a pipe: ml_space.py SETTINGS CALLS, both JSON.

CALLS is a list of [tool, arguments]; printed is a list of {"failed": bool, "said": what it returned}.
"""

import asyncio
import json
import os
import sys
import tempfile

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


def said(result):
    text = "".join(part.text for part in result.content)
    try:
        return json.loads(text)
    except ValueError:
        return text


async def drive(settings, calls, home):
    # It writes its log and looks for credentials below the home directory.
    env = {"HOME": home, "XDG_CONFIG_HOME": home, "PYTHONDONTWRITEBYTECODE": "1", **settings}
    args = ["-P", "-m", "mlspace_mcp", "--transport", "stdio"]
    plugin = StdioServerParameters(command=sys.executable, args=args, env=env, cwd=home)
    with open(os.devnull, "w") as nowhere:
        async with stdio_client(plugin, errlog=nowhere) as (read, write):
            async with ClientSession(read, write) as session:
                await session.initialize()
                results = [await session.call_tool(tool, arguments) for tool, arguments in calls]
    return [{"failed": bool(result.isError), "said": said(result)} for result in results]


with tempfile.TemporaryDirectory() as home:
    print(json.dumps(asyncio.run(drive(json.loads(sys.argv[1]), json.loads(sys.argv[2]), home))))
