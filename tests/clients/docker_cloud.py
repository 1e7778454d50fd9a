"""Does with python-dockercloud what it can do with external repositories: docker_cloud.py URL AUTHORIZATION."""

import json
import os
import sys
from urllib.parse import urljoin

url, authorization = sys.argv[1:]
os.environ["DOCKERCLOUD_REST_HOST"] = url
os.environ["DOCKERCLOUD_AUTH"] = authorization

import dockercloud
import dockercloud.api.http as http

# It is of the time of Python 2, where bytes were text.
http.urljoin = lambda base, path: urljoin(base, path.decode())


def names(**filters):
    return [one.name for one in dockercloud.Repository.list(**filters)]


def status_of(act):
    try:
        act()
    except dockercloud.ApiError as refused:
        return str(refused).split()[1]


did = {"listed": names(), "filtered": names(name="quay.io/tutum/ubuntu"), "team": names(namespace="harbourline")}
one = dockercloud.Repository.fetch("quay.io/tutum/ubuntu")
did["fetched"] = [one.name, one.registry, one.in_use]

name = "registry.example:5443/tools/from/python"
made = dockercloud.Repository.create(name=name, username="robot", password="s3cret")
did["made"] = [made.save(), made.resource_uri, made.dockercloud_action_uri]
again = dockercloud.Repository.create(name=name)
did["again"] = status_of(again.save)

changed = dockercloud.Repository.fetch(name)
changed.password = "another s3cret"
did["changed"] = [changed.save(), sorted(changed.get_all_attributes())]
did["deleted"] = changed.delete()
did["after"] = status_of(lambda: dockercloud.Repository.fetch(name))
dockercloud.dockercloud_auth = "Basic bm9ib2R5OngK"
try:
    did["stranger"] = names()
except dockercloud.AuthError:
    did["stranger"] = "401"

print(json.dumps(did))
