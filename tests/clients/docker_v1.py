"""docker-registry-client 0.5.2 with one repository: python docker_v1.py URL REPOSITORY TAG NEW_TAG [USER PASSWORD]

Reads everything it can read, sets NEW_TAG on the image of TAG, reads, deletes it, reads, and deletes the repository.
"""

import hashlib
import json
import sys

import requests
from docker_registry_client import DockerRegistryClient

url, name, tag, new_tag, *account = sys.argv[1:]
username, password = account or (None, None)
client = DockerRegistryClient(url, api_version=1, username=username, password=password, api_timeout=20)
base = client._base_client


def tags():
    return sorted(client.repository(name).tags())


def layer(image):
    """Its own call for this reads a layer as JSON."""
    response = base._http_response(base.IMAGE_LAYER, requests.get, image_id=image)
    return {"size": len(response.content), "sha256": hashlib.sha256(response.content).hexdigest()}


repository = client.repository(name)
image = repository.image(tag)
said = {
    "status": base.check_status(),
    "namespaces": sorted(client.namespaces()),
    "repositories": sorted(client.repositories()),
    "found": base.search(name),
    "tags": tags(),
    "images": {one: repository.image(one).image_id for one in tags()},
    "image": image.image_id,
    "image_of_tag": base.get_image_id(*name.split("/"), tag),
    "tag_data": repository.data(tag),
    "ancestry": image.ancestry(),
    "json": [base.get_image_layer(one) for one in image.ancestry()],
    "layers": [layer(one) for one in image.ancestry()],
    "set": repository.tag(new_tag, image.image_id),
    "tags_after_setting": tags(),
    "image_of_new_tag": base.get_image_id(*name.split("/"), new_tag),
    "deleted": repository.untag(new_tag),
    "tags_after_deleting": tags(),
}
try:
    repository.untag(new_tag)
    said["deleted_again"] = 200
except requests.HTTPError as error:
    said["deleted_again"] = error.response.status_code
# Without the slash at the end: it follows the redirect.
said["repository_deleted"] = base.delete_repository(*name.split("/"))
try:
    tags()
    said["tags_at_last"] = 200
except requests.HTTPError as error:
    said["tags_at_last"] = error.response.status_code
print(json.dumps(said))
