# A client of another make (python3-zeep), as an administrator would write it: reads the WSDL and operates guests.
# Arguments: the address of the WSDL, the certificate, the request key. Prints one JSON document.
import json, sys
import requests, zeep
from zeep.helpers import serialize_object
from zeep.transports import Transport

wsdl, cert, key = sys.argv[1:]
session = requests.Session()
# what the environment says of certificates and proxies is of other things
session.trust_env = False
session.verify = cert
session.auth = ('admin', 'secret of admin')
client = zeep.Client(wsdl, transport=Transport(session=session))
farm = client.service
none = {name: {'item': []} for name in ('pools', 'servers', 'states', 'tags', 'filters', 'exclude')}

def listed(**changes):
    asked = dict(kind='vm', narrowing=none, columns={'item': ['name', 'state']}, sort=None, limit=None, cursor=None)
    return farm.list(**{**asked, **changes})

def start(**changes):
    return farm.startRun(
        requestKey=key, operation='vm.start',
        selector={'targets': {'item': [{'text': 'vm1'}, {'name': 'vm2', 'pool': None}]}, 'listed': False, 'all': False, 'narrowing': none, 'ignoreMissing': False, 'allowEmpty': False},
        options={'force': False, 'graceMs': None, 'forceAfterMs': None, 'to': None, 'on': None, 'evacuate': False, 'tags': None},
        guards={'expect': 2, 'maxTargets': None, 'maxSharePercent': None, 'confirmed': True},
        policy={'parallel': None, 'onError': 'continue', 'maxFailures': None, 'canary': None, 'orderTag': None, 'finishBy': None, 'leaseWaitMs': 0, 'strict': False, 'dryRun': False, 'noWait': False, 'timeoutMs': None},
        reason='a client of another make & its <markup>')

def refused(call):
    try:
        call()
    except zeep.exceptions.Fault as fault:
        code = fault.detail.find('.//{urn:ovmcli:farm:1}code').text
        return {'code': code, 'message': fault.message, 'faultcode': fault.code}
    raise SystemExit('that should have been refused')

account = serialize_object(farm.whoAmI(), dict)
before = json.loads(listed().json)
handle = start()
state, revision = handle.state, handle.revision
while state == 'running':
    progress = farm.followRun(run=handle.run, afterRevision=revision)
    state, revision = progress.state, progress.revision
report = serialize_object(farm.runReport(run=handle.run), dict)
print(json.dumps({
    'operations': sorted(client.wsdl.services['FarmService'].ports['FarmServiceSoapHttpPort'].binding._operations),
    'user': account['user'], 'before': before, 'report': {'done': report['done'], 'names': [item['name'] for item in report['items']['item']]}, 'again': start().run == handle.run,
    'after': json.loads(listed(narrowing={**none, 'states': {'item': ['running']}}).json),
    'status': {entry.key: entry.value for entry in farm.farmStatus().vms.entry},
    'refused': refused(lambda: farm.show(kind='vm', names={'item': ['nobody']}, columns=None)),
}))
