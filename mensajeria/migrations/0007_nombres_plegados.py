"""Con qué se compara un nombre de usuario o un correo al entrar."""

from django.db import migrations, models

import mensajeria.models.campos

DE_UNA_VEZ = 1_000


def plegar(apps, schema_editor):
    usuario = apps.get_model('mensajeria', 'Usuario')
    campos = ['nombre_plegado', 'correo_plegado']
    desde = ''
    while filas := list(usuario.objects.filter(pk__gt=desde).order_by('pk')[:DE_UNA_VEZ]):
        for fila in filas:
            fila.nombre_plegado = mensajeria.models.campos.plegado(fila.username)
            fila.correo_plegado = mensajeria.models.campos.plegado(fila.email)
        usuario.objects.bulk_update(filas, campos)
        desde = filas[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ('mensajeria', '0006_indices_de_mas'),
    ]

    operations = [
        migrations.AlterModelManagers(
            name='usuario',
            managers=[
            ],
        ),
        migrations.AddField(
            model_name='usuario',
            name='correo_plegado',
            field=mensajeria.models.campos.CampoPlegado(de='email', default='', editable=False, max_length=254, verbose_name='correo plegado'),
        ),
        migrations.AddField(
            model_name='usuario',
            name='nombre_plegado',
            field=mensajeria.models.campos.CampoPlegado(de='username', default='', editable=False, max_length=254, verbose_name='nombre plegado'),
        ),
        migrations.RunPython(plegar, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='usuario',
            index=models.Index(fields=['nombre_plegado'], name='ix_usu_nombre_plegado'),
        ),
        migrations.AddIndex(
            model_name='usuario',
            index=models.Index(fields=['correo_plegado'], name='ix_usu_correo_plegado'),
        ),
    ]
