# A program against the Web services of Oracle VM 2.2, with python3-zeep: finds its operations by their attested names.
# Arguments: the address of the services up to the name, the certificate. Prints one JSON document.
import json, sys
import requests, zeep
from zeep.helpers import serialize_object
from zeep.transports import Transport

base, cert = sys.argv[1:]
session = requests.Session()
session.trust_env = False
session.verify = cert
session.auth = ('admin', 'secret of admin')

def service(name):
    return zeep.Client(f'{base}{name}SoapHttpPort?WSDL', transport=Transport(session=session)).service

pools, vms, life, admin, resources = (service(name) for name in ('ServerPoolService', 'VirtualMachineService', 'LifecycleService', 'AdminService', 'ResourceService'))
items = lambda listed: serialize_object(listed or [], dict)

def refused(call):
    try:
        call()
    except zeep.exceptions.Fault as fault:
        return {'message': fault.message, 'code': next((one.text for one in fault.detail.iter() if str(one.tag).endswith('code')), None)}
    raise SystemExit('that should have been refused')

pool = items(pools.getAllServerPools())[0]
vm = next(one for one in items(vms.getAllVMs(serverPoolName=pool['serverPoolName'])) if one['status'] == 'POWEREDOFF')
on = vms.powerOn(vmId=vm['imgId'])
running = vms.getVMByVMId(vmId=vm['imgId'])
again = refused(lambda: vms.deleteVMByVMId(vmId=vm['imgId']))
clone = refused(lambda: life.clone(vmId=vm['imgId'], imgName='twin & <son>', tgtServerPool=None))
off = vms.powerOff(vmId=vm['imgId'])
life.clone(vmId=vm['imgId'], imgName='twin', tgtServerPool=None)
admin.createGroup(name='ops', desc='those who <operate>')
admin.createUser(account='mia', email=None, password='a long secret', roleId=2)
admin.createUserGroup(userId='mia', groupId='ops')
print(json.dumps({
    'pool': pool['serverPoolName'], 'master': pools.getMasterServer(serverPoolName=pool['serverPoolName']).serverName, 'on': on.done, 'off': off.done, 'running': running.status, 'again': again, 'clone': clone,
    'names': [one['imgName'] for one in items(vms.getAllVMs(serverPoolName=pool['serverPoolName']))],
    'groups': items(admin.findAllOVMGroup()), 'members': items(admin.findAllOVMUserGroup()), 'roles': [one['role_name'] for one in items(admin.findAllOVMRole())],
    'templates': len(items(resources.getAllTemplateResources(serverPoolName=pool['serverPoolName']))),
    'isos': len(items(resources.getAllISOResources(serverPoolName=pool['serverPoolName']))),
    'nobody': refused(lambda: pools.getServerByName(serverName='nobody')), 'metrics': serialize_object(pools.getServerPoolMetricsByServerPoolId(serverPoolId=pool['serverPoolId']), dict)['serverPoolName'],
}))
